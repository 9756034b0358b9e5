"""The steps by which statements become agreements: turns, matters, answers, offers, talks. Pure."""
