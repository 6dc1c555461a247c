"""What the reviewers of providers make of our texts: compared, submitted, and watched before a campaign goes out."""
