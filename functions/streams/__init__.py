"""What a change in the ledger sets off."""
