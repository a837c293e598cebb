"""The parts of the prompt: history, completion, folded pastes and attachments."""
