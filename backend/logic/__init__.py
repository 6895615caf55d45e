"""What the cloud decides: use cases over plain values, free of HTTP and of AWS."""
