"""The carried geography of Guatemala, Honduras, El Salvador and Mexico: files, their maker, their licences (README)."""
