"""What crosses the border of the house: HSDS documents and area tables, in and out."""
