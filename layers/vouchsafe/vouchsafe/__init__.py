"""The language that all rooms of Vouchsafe share: pure, edge, flow."""
