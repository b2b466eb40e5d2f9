"""What the clock sets off some days later: what the front ends reported against the ledger."""
