"""The language that all rooms of Vouchsafe share: pure, edge, flow."""

import gc

# A cold start makes 110,000 objects and 800 of garbage: looking for it meanwhile took an eighth
# of the time (make bench). What requests leave behind is still found, only more at once.
gc.set_threshold(200_000)
