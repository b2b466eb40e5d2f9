"""Upserve POS, once Breadcrumb, now Lightspeed Restaurant U-Series: the checks of one venue."""
