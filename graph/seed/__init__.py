"""What comes with the house: vocabularies, the division of four countries, a fictional demo network."""
