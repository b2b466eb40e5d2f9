"""What a redemption sets off: credit for where its customer came from."""
