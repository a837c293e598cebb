"""The protocols between floors: a conversation, a workspace, a face, a budget, a store."""
