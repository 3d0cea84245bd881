import { setUpTheme } from "./theme.js";

setUpTheme(document);
