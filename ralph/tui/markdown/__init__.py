"""Markdown on the screen: the parser for whole and for growing texts, and the drawing."""
