"""Lightspeed Retail X-Series, once Vend: sales, and the returns that are sales of their own."""
