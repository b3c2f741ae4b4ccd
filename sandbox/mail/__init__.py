"""Mail in town: a post office that takes mails by SMTP, keeps them, and lets a mailbox's owner read them by IMAP."""
