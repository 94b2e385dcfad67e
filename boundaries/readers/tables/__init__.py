"""Tables with places in their columns: CSV files and Excel workbooks."""
