"""The client of the cloud, which recommends as the home itself does."""
