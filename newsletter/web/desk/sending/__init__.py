"""The pages on which an administrator sets up how emails are sent."""
