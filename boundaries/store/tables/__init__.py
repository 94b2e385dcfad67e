"""The tables, declared once for both stores."""
