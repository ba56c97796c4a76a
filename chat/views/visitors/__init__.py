"""Pages and answers for visitors and for the sites around them."""
