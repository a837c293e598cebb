"""What happened: the events, their envelope, their JSON, and who records and reads them."""
