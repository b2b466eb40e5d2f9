"""Clover: the tills of one merchant; an application's webhooks tell of all of its merchants."""
