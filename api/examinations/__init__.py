"""A district examined by requirements of standards: by radius and on foot."""
