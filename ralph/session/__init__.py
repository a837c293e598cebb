"""One running conversation: submit, cancel, record, resume, replay."""
