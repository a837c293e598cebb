"""What takes several conversations or turns, one file each; the words about it are a command's or a verb's."""
