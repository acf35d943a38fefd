"""The components that come with Watchglass: real activities, written as anybody would write their own."""
