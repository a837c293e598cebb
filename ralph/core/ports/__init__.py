"""What one floor asks of another: a conversation, a workspace, a face, a budget, a store."""
