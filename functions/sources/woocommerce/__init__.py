"""WooCommerce: web shops on WordPress, each on its own host."""
