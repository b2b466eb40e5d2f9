"""What shops ask before the sale, and tell after it: validations, holds, redemptions."""
