"""What shops do with the value of paid vouchers."""
