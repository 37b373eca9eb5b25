// The report: the master puts the data of the run into the document.
import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./style.css";
import type { Report } from "./api";
import { ReportPage } from "./components/report";

const data = document.getElementById("report-data")?.textContent ?? "";
const root = document.getElementById("page");
if (root) render(<ReportPage report={JSON.parse(data) as Report} />, root);
