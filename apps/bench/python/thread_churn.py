import socketserver

from churn import measure_churn

measure_churn(socketserver.ThreadingTCPServer)
