"""SMTP mail for notigate."""
