"""Tables and documents for people outside the bot, made from what is stored. Nothing here asks, plans or sends."""
