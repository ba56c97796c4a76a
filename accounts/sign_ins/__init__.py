"""Where members are signed in, and when that ends."""
