import { loadWithPrivateFields } from '../shared/http/private-fields.ts';

// Entry files are loaded in the order of their names, this one before any that asks for the library.
loadWithPrivateFields('@azure/functions');
