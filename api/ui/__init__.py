"""The HTML face: one router per noun, templates, style sheet. Works without script."""
