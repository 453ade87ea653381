"""What a terminal can show, and how pictures become cells."""
