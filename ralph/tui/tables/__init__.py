"""What is saved and known, as lines of tables; pure, from data to strips."""
