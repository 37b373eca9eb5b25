// The page of a running master.
import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { App } from "./components/app";
import { start } from "./session";

start();
const root = document.getElementById("page");
if (root) render(<App />, root);
