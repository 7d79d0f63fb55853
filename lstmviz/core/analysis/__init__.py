"""What a finished run says: who wrote the memory, how long it stays, saturation, health, outputs."""
