"""The chapter that sets what people say of alignment beside what the records of their units say."""
