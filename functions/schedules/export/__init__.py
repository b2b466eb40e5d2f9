"""What the clock sets off for whoever reads figures: closed days as files, weeks as workbooks."""
