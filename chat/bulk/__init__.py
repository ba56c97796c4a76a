"""Many rows at once. Whole enterprises: invented (`demo`), from another system (`adoption`), as a
file (`portability`). Customers from a CSV file (`customer_imports`)."""
