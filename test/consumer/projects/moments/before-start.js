// Jest runs this before the environment's setup.
require('./tell').tell('starting');
