"""What we owe people, in words: which messages go out, what each kind says, what their buttons and links do."""
