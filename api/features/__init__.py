"""Single features of a layer: read, create, replace, change and delete."""
