"""The JSON face: one router per noun, same names as the actions."""
