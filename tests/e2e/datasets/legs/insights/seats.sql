SELECT leg, delay, seats FROM legs
