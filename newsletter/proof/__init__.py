"""What people without an account see of an issue before it is sent: links, comments, suggestions and signatures."""
