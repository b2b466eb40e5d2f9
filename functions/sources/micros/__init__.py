"""Oracle MICROS Simphony: the guest checks of an organisation's locations."""
