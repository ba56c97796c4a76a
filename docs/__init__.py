"""The documents, and the script that draws the picture of the packages in them."""
