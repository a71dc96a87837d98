import com.helger.phoss.smp.rest.SMPRestFilter;
import com.helger.phoss.smp.servlet.SMPWebAppListener;
import jakarta.servlet.DispatcherType;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.DefaultServlet;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * phoss SMP's interface for machines under Jetty, on a free port of this machine, until standard input ends.
 *
 * <p>Its settings are system properties, named as its application.properties names them. It says its port as a line of JSON.
 */
public final class Publisher {
    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server, 1, 1);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/", ServletContextHandler.SESSIONS);
        context.setBaseResourceAsPath(java.nio.file.Path.of(arguments[0]));
        context.addEventListener(new SMPWebAppListener());
        context.addFilter(SMPRestFilter.class, "/*", EnumSet.of(DispatcherType.REQUEST));
        context.addServlet(DefaultServlet.class, "/");
        server.setHandler(context);
        server.start();
        out.println("{\"event\": \"listening\", \"port\": " + connector.getLocalPort() + "}");
        while (System.in.read() >= 0) {
            // whatever is said: the end is what counts
        }
        server.stop();
        System.exit(0);
    }
}
